package ai.kindred.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Allowed values of a number, or of each number of a list or map. Bounds that are not given do not
 * bind. Integers beyond 2^53 are compared after rounding to double.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
  /** Smallest allowed value. */
  double min() default Double.NEGATIVE_INFINITY;

  /** Largest allowed value. */
  double max() default Double.POSITIVE_INFINITY;

  /** Values must be greater than this. */
  double above() default Double.NEGATIVE_INFINITY;

  /** Values must be less than this. */
  double below() default Double.POSITIVE_INFINITY;
}

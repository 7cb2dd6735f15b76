package ai.kindred.core.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What reflection tells about a record component, under the conventions of this package. */
record Component(
    int index, String name, String jsonName, Type type, boolean nullable, RecordComponent source) {

  /** The components of a record by JSON name, in order. */
  static Map<String, Component> of(Class<?> type) {
    Map<String, Component> components = new LinkedHashMap<>();
    RecordComponent[] sources = type.getRecordComponents();
    for (int i = 0; i < sources.length; i++) {
      RecordComponent source = sources[i];
      String jsonName = jsonName(type, source);
      boolean nullable = source.getAnnotatedType().isAnnotationPresent(Nullable.class);
      components.put(
          jsonName,
          new Component(i, source.getName(), jsonName, source.getGenericType(), nullable, source));
    }
    return components;
  }

  /** The component's value in a record. */
  @Nullable Object valueIn(Object owner) {
    try {
      Method accessor = source.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(owner);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + name + " of " + owner.getClass(), e);
    }
  }

  @Nullable Range range() {
    return source.getAnnotation(Range.class);
  }

  String doc() {
    Doc doc = source.getAnnotation(Doc.class);
    return doc == null ? "" : doc.value();
  }

  /** The record's factory of defaults, or null. */
  static @Nullable Method defaultsOf(Class<?> type) {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals("defaults") && method.getReturnType() == type) {
        method.setAccessible(true);
        return method;
      }
    }
    return null;
  }

  /** The components that a factory of defaults asks for: its parameters, by name. */
  static List<Component> parameters(Method defaults, Map<String, Component> components) {
    List<Component> parameters = new ArrayList<>();
    for (var parameter : defaults.getParameters()) {
      parameters.add(
          components.values().stream()
              .filter(c -> c.name().equals(parameter.getName()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          defaults
                              + ": the parameter "
                              + parameter.getName()
                              + " is no component (is the record compiled with -parameters?)")));
    }
    return parameters;
  }

  /** An enum constant, or the simple name of a record under a sealed interface, in JSON. */
  static String jsonName(Object constantOrClass) {
    return constantOrClass instanceof Class<?> type
        ? snakeCase(type.getSimpleName())
        : ((Enum<?>) constantOrClass).name().toLowerCase(Locale.ROOT);
  }

  /** Jackson finds {@code @JsonProperty} of a component on its field, accessor or parameter. */
  private static String jsonName(Class<?> type, RecordComponent component) {
    try {
      Field field = type.getDeclaredField(component.getName());
      JsonProperty property = field.getAnnotation(JsonProperty.class);
      return property == null ? snakeCase(component.getName()) : property.value();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("a record has a field for each component", e);
    }
  }

  private static String snakeCase(String name) {
    return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(name);
  }
}

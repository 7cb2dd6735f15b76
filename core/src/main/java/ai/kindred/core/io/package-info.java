/** Files in and out: model folders from a hub. */
@NullMarked
package ai.kindred.core.io;

import org.jspecify.annotations.NullMarked;

package ai.kindred.core.lm.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arguments of a call by place or by name. */
record Given(
    String function, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
  boolean has(int place, String name) {
    return place < positional.size() || named.containsKey(name);
  }

  @Nullable Object get(int place, String name) {
    return place < positional.size() ? positional.get(place) : named.get(name);
  }

  @Nullable Object required(int place, String name) {
    if (!has(place, name)) {
      throw new JinjaException(function + " lacks its argument " + name);
    }
    return get(place, name);
  }

  @Nullable String text(int place, String name) {
    Object value = get(place, name);
    return value == null ? null : Values.string(value);
  }

  int integer(int place, String name, int otherwise) {
    Object value = get(place, name);
    return value == null
        ? otherwise
        : (int) Math.max(-1 << 30, Math.min(1 << 30, Values.whole(value)));
  }
}

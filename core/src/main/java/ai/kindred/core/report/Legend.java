package ai.kindred.core.report;

import java.util.ArrayList;
import java.util.List;

/** The names of the colours, on as many lines as they need; none for a single name. */
record Legend(List<Entry> entries, double height) {
  record Entry(String name, double x, double y) {}

  static Legend of(List<String> names, int width) {
    if (names.size() < 2) {
      return new Legend(List.of(), 0);
    }
    List<Entry> entries = new ArrayList<>();
    double x = 0;
    double y = 12;
    for (String name : names) {
      String shown = Svg.cut(name, width - 20.0);
      double needed = Svg.widthOf(shown) + 34;
      if (x > 0 && x + needed > width) {
        x = 0;
        y += Svg.LINE + 2;
      }
      entries.add(new Entry(shown, x, y));
      x += needed;
    }
    return new Legend(entries, y + 6);
  }

  void draw(Svg svg) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      svg.rectangle("fill " + Svg.color(i), entry.x, entry.y - 10, 12, 12, " rx=\"2\"");
      svg.text("label", entry.x + 17, entry.y, "start", entry.name);
    }
  }
}

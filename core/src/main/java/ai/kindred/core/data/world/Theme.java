package ai.kindred.core.data.world;

import java.util.List;

/** What a made film is about, independent of its genre; all equally common. */
public enum Theme {
  AMBITION("ambition"),
  BETRAYAL("betrayal"),
  COURAGE("courage"),
  FAMILY_SECRETS("family secrets"),
  FIRST_LOVE("first love"),
  FORGIVENESS("forgiveness"),
  FREEDOM("freedom"),
  FRIENDSHIP("friendship"),
  GREED("greed"),
  GROWING_UP("growing up"),
  HOPE("hope"),
  IDENTITY("identity"),
  JUSTICE("justice"),
  LOSS("loss"),
  REVENGE("revenge"),
  SURVIVAL("survival");

  private static final List<Theme> ALL = List.of(values());

  private final String label;

  Theme(String label) {
    this.label = label;
  }

  /** The theme in English, lower case. */
  public String label() {
    return label;
  }

  /** Its place in the list above, from 0: how question options number it. */
  public int number() {
    return ALL.indexOf(this);
  }

  /** The value of a number. */
  public static Theme at(int number) {
    return ALL.get(number);
  }
}

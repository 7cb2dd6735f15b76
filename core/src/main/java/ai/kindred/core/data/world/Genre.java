package ai.kindred.core.data.world;

import java.util.List;

/** The genres of the made world, all equally common as a film's main genre. */
public enum Genre {
  ACTION("action"),
  ADVENTURE("adventure"),
  ANIMATION("animation"),
  COMEDY("comedy"),
  CRIME("crime"),
  DOCUMENTARY("documentary"),
  DRAMA("drama"),
  FANTASY("fantasy"),
  HORROR("horror"),
  MUSICAL("musical"),
  MYSTERY("mystery"),
  ROMANCE("romance"),
  SCIENCE_FICTION("science fiction"),
  THRILLER("thriller"),
  WAR("war"),
  WESTERN("western");

  private static final List<Genre> ALL = List.of(values());

  private final String label;

  Genre(String label) {
    this.label = label;
  }

  /** The genre in English, lower case. */
  public String label() {
    return label;
  }

  /** Its place in the list above, from 0: how question options number it. */
  public int number() {
    return ALL.indexOf(this);
  }

  /** The value of a number. */
  public static Genre at(int number) {
    return ALL.get(number);
  }
}

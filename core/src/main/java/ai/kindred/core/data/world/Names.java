package ai.kindred.core.data.world;

import java.util.List;

/**
 * Invented titles and names: a number is mixed and read as an index into word lists, so different
 * numbers give different names without a table of those in use.
 */
final class Names {

  static final int MAX_DIRECTORS = 800;
  static final int MAX_ACTORS = 1_200;

  private static final List<String> ADJECTIVES =
      words(
          """
          Amber Ancient Autumn Bitter Black Blue Bold Brave Bright Broken Bronze Burning Calm Cold Copper Crimson
          Crooked Dark Distant Double Dusty Early Electric Empty Endless Eternal Faded Final Flying Forgotten Frozen Gentle
          Gilded Golden Gray Green Hidden Hollow Honest Hungry Iron Ivory Last Lonely Long Lost Lucky Midnight
          Narrow Northern Pale Patient Perfect Quiet Red Restless Sacred Scarlet Secret Silent Silver Southern Velvet Wild
          """);

  private static final List<String> NOUNS =
      words(
          """
          Anchor Arrow Balcony Bell Bridge Candle Canyon Castle Circus Cloud Compass Crown Desert Diary Door Dragon
          Echo Engine Falcon Feather Ferry Fire Forest Fountain Garden Ghost Harbor Harvest Horizon House Island Journey
          Kingdom Ladder Lantern Letter Lighthouse Mask Meadow Mirror Mountain Ocean Orchard Painter Palace Piano Planet Promise
          Rain River Road Rocket Shadow Ship Signal Snow Station Storm Stranger Summer Tower Train Valley Winter
          """);

  private static final List<String> PLACES =
      words(
          """
          Alder Amaranth Ashford Aurora Avalon Basalt Belmont Birch Blackwater Bramble Calder Cedar Cinder Clover Cobalt Coral
          Corwin Dalton Delmar Dover Ember Fairview Fennel Galway Granite Greenfield Hawthorn Hazel Heron Holloway Indigo Juniper
          Kestrel Kingsley Larkspur Laurel Linden Lisbon Magnolia Maple Marlow Montrose Myrtle Nevada Oakland Odessa Olive Orchid
          Osprey Paloma Pepper Raven Redwood Rosemary Saffron Sierra Sparrow Stratton Tamarind Thistle Tulsa Walden Willow Winslow
          """);

  private static final List<String> FIRST =
      words(
          """
          Ada Alma Amir Anton Bela Boris Carla Cesar Clara Dario Diego Edith Elena Emil Farid Felix Flora Greta Hana Hugo
          Ines Ivan Jonas Judith Kaya Lars Leila Lucas Marta Milo Nadia Nils Olga Oscar Paula Petra Rafael Rosa Samir Vera
          """);

  private static final List<String> LAST =
      words(
          """
          Abbott Acosta Albrecht Baptiste Barlow Bergman Carver Castillo Cohen Dalgaard Delgado Duarte Eklund Ferrari Fischer Fontaine
          Gallagher Grimaldi Haddad Hartmann Hayashi Holm Ibarra Ivanova Jansen Kapoor Keller Kimura Kowalski Larsen Lindgren Mancini
          Marchetti Mendoza Moreau Nakamura Novak Okafor Olsen Pereira Petrov Quinn Ramirez Rossi Sandoval Santos Sorensen Tanaka
          Valdez Weber
          """);

  // Each pattern has as many titles as there are pairs of words.
  private static final int PAIRS = ADJECTIVES.size() * NOUNS.size();
  private static final int PATTERNS = 4;

  private Names() {}

  /** The title of a number; titles of different numbers differ. */
  static String title(int number) {
    int all = PAIRS * PATTERNS;
    int mixed = mix(number % all, all, 7_919);
    int pair = mixed / PATTERNS;
    String noun = NOUNS.get(pair % NOUNS.size());
    int other = pair / NOUNS.size();
    String title =
        switch (mixed % PATTERNS) {
          case 0 -> "The " + ADJECTIVES.get(other) + " " + noun;
          case 1 -> ADJECTIVES.get(other) + " " + noun;
          case 2 -> noun + " of " + PLACES.get(other);
          default -> "The " + noun + " at " + PLACES.get(other);
        };
    int part = number / all;
    return part == 0 ? title : title + " " + (part + 1);
  }

  /** The name of a person; numbers below {@code FIRST x LAST = 2,000} give different names. */
  static String person(int number) {
    int mixed = mix(number, FIRST.size() * LAST.size(), 1_237);
    return FIRST.get(mixed % FIRST.size()) + " " + LAST.get(mixed / FIRST.size());
  }

  /** The name of an actor; no director has it. */
  static String actor(int number) {
    return person(MAX_DIRECTORS + number);
  }

  /** A permutation of 0..size-1: an odd prime that does not divide size spreads neighbours. */
  private static int mix(int number, int size, long prime) {
    return (int) ((number * prime + 11) % size);
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+", -1));
  }
}

package ai.kindred.core.data.world;

/** Which years' films a user leans to. */
public enum Era {
  /** Films made before {@value #OLD_BEFORE}. */
  CLASSIC,
  /** No preference. */
  ANY,
  /** Films made from {@value #NEW_FROM} on. */
  RECENT;

  static final int OLD_BEFORE = 1985;
  static final int NEW_FROM = 2000;

  /** Whether a film of this year pleases a user of this leaning for its age; never for ANY. */
  public boolean includes(int year) {
    return switch (this) {
      case CLASSIC -> year < OLD_BEFORE;
      case ANY -> false;
      case RECENT -> year >= NEW_FROM;
    };
  }
}

package ai.kindred.core.data.world;

/**
 * One event of a history: a user saw a film and rated it.
 *
 * @param film the film's index in the catalogue
 * @param stars 1 to 5
 * @param time seconds since 1970-01-01 UTC
 */
public record Rating(int film, int stars, long time) {}

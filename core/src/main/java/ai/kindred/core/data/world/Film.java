package ai.kindred.core.data.world;

import java.util.List;

/**
 * A made film.
 *
 * @param index its place in the catalogue, from 0; smaller is more popular
 * @param title an invented title, unique in its world
 * @param year the year it came out, 1950 to 2024
 * @param genres one or two genres, the main one first
 * @param director the director's name
 * @param actors the two leading actors' names
 * @param theme what it is about
 * @param quality what all users see in it alike, in stars: standard normal times 0.4
 */
public record Film(
    int index,
    String title,
    int year,
    List<Genre> genres,
    String director,
    List<String> actors,
    Theme theme,
    double quality) {

  public Film {
    genres = List.copyOf(genres);
    actors = List.copyOf(actors);
  }

  /** The main genre. */
  public Genre genre() {
    return genres.get(0);
  }
}

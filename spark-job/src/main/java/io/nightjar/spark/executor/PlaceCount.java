package io.nightjar.spark.executor;

import java.util.Arrays;

/**
 * How many values of a feature something was done with. Where rows share what is filled, it keeps
 * the places that it counted, until it is known how many rows have each.
 */
final class PlaceCount {
  private long count;
  private boolean keeps;
  private int[] places = new int[0];
  private int kept;

  /** Counts one more, which was filled in at {@code place}. */
  void add(int place) {
    count++;
    if (keeps) {
      if (kept == places.length) {
        places = Arrays.copyOf(places, Math.max(64, 2 * kept));
      }
      places[kept++] = place;
    }
  }

  /** Counts {@code more} that are not filled in again. */
  void again(long more) {
    count += more;
  }

  long count() {
    return count;
  }

  /** From now on places are instances. */
  void keepPlaces() {
    keeps = true;
    kept = 0;
  }

  /** Counts what was filled once for an instance once for each of its rows. */
  void countRows(int[] rowsOf) {
    for (int i = 0; i < kept; i++) {
      count += rowsOf[places[i]] - 1;
    }
    keeps = false;
    kept = 0;
  }
}

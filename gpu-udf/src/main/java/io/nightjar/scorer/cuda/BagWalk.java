package io.nightjar.scorer.cuda;

/**
 * How the production kernel walks bags. All walks add in the bag's order and so give the same bits;
 * which one is fastest depends on the GPU, on the bags and on how often rows are hit.
 */
enum BagWalk {
  /** 8 rows under way a thread, by many warps. */
  SHORT("short", "embedding_bag_"),
  /** 16 rows, by half as many: what runs together touches fewer rows. */
  LONG("long", "embedding_bag_long_"),
  /** 32 rows, by half as many again. */
  DEEP("deep", "embedding_bag_deep_"),
  /** 8 threads a bag, so that L1 sends fewer ids: for rows that it holds, and for few ids a bag. */
  LINES("lines", "embedding_bag_lines_");

  private final String text;
  private final String entry;

  BagWalk(String text, String entry) {
    this.text = text;
    this.entry = entry;
  }

  /** Its kernels' name, but for the types. */
  String entry() {
    return entry;
  }

  @Override
  public String toString() {
    return text;
  }
}

package io.nightjar.model;

/** How the rows of a bag become one vector. An empty bag is the zero vector either way. */
public enum Pooling {
  SUM,
  MEAN
}

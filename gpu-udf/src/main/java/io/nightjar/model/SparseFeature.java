package io.nightjar.model;

/**
 * A sparse feature and the table that its row ids point into.
 *
 * @param name the feature's name
 * @param table position of its table in {@link DlrmConfig#tables()}; features may share one
 */
public record SparseFeature(String name, int table) {}

/**
 * What is checked between scoring and publishing: figures of this run, alone or against the last
 * published run's. Nothing here reads data.
 */
package io.nightjar.spark.gates;

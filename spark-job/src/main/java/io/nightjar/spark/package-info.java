/** Scoring as a step of any Spark program. */
package io.nightjar.spark;

/** {@code Score} in Spark's plans: logical, physical, and the rules that make it fit in. */
package io.nightjar.spark.plan;

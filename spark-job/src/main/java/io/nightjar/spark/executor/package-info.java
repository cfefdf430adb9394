/** What runs inside the executors: the models, the pipeline of a partition, and the plugin. */
package io.nightjar.spark.executor;

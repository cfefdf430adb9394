/** What a run leaves behind for people and machines: {@code _MANIFEST.json}. */
package io.nightjar.spark.manifest;

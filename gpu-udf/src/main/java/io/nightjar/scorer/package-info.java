/** Scores batches with a model, whatever the backend. */
package io.nightjar.scorer;

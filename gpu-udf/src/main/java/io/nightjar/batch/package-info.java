/** Host data of one batch: dense features by column, sparse features as jagged tensors. */
package io.nightjar.batch;

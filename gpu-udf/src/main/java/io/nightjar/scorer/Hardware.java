package io.nightjar.scorer;

import java.io.Serializable;
import java.util.List;

/**
 * What a model computes on, for people to read.
 *
 * @param backend what computes
 * @param device the device's name; of a CPU, its architecture
 * @param driver the newest CUDA that the device's driver knows, as in CUDA 13.0; empty for a CPU
 * @param kernelVariant the variant of the embedding bag's kernel; empty for a CPU
 * @param kernelTimes what was measured to choose how that variant walks bags, a line a kind of
 *     bags; empty where nothing was
 * @param deviceMemory what the weights take of the device's memory, and once batches were scored,
 *     what those take; empty for a CPU
 */
public record Hardware(
    Backend backend,
    String device,
    String driver,
    String kernelVariant,
    List<String> kernelTimes,
    String deviceMemory)
    implements Serializable {

  public Hardware {
    kernelTimes = List.copyOf(kernelTimes);
  }
}

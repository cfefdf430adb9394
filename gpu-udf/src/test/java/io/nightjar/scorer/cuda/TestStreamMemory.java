package io.nightjar.scorer.cuda;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic; TestScoringStreams compares it with what a device says. */
class TestStreamMemory {
  private static final CudaDevice DEVICE =
      new CudaDevice(0, "GPU", 9, 0, 1L << 30, 132, 227 << 10, 50 << 20);

  @TempDir private Path temp;

  /** Everything counted by hand: two tables of 300 and 70,000 rows of 20 elements, fp32. */
  @Test
  void whatAStreamTakes() {
    DlrmConfig config =
        Models.of(
            DLRM,
            3,
            List.of(16),
            List.of(300, 70_000),
            20,
            Pooling.SUM,
            new Interaction.Cat(),
            List.of(100, 1));
    StreamMemory memory = StreamMemory.of(config, OperandFormat.SPLIT_F16, 256);
    int dense = 3 * 256 * 4;
    int offsets = 2 * 257 * 4;
    int packed = 2 * 256 * 4; // values that are hashed have four bytes
    int unpacked = 2 * 256 * 4;
    int description = BatchDescription.bytes(config);
    assertThat(memory.inputs()).isEqualTo(dense + offsets + packed + unpacked + description);
    int denseVectors = 256 * 16 * 4;
    int pooled = 2 * 256 * 24 * 4; // a stride of 24
    assertThat(memory.vectors()).isEqualTo(denseVectors + pooled);
    int operand = 2 * 2 * 2 * 128 * 64 * 2; // 2 tiles of rows, 2 of columns, high and low, fp16
    int results = 2 * 256 * 4 + 16;
    assertThat(memory.activations()).isEqualTo(2 * operand + results);
    assertThat(memory.ofAllStreams())
        .isEqualTo(3 * (memory.inputs() + memory.vectors() + memory.activations()));
  }

  /** What is told without a device: the weights, and what all streams take. */
  @Test
  void whatAModelTakesOfADevice() {
    DlrmConfig config = Models.of26Tables(1_000);
    RandomModel.write(config, 1, temp);
    ModelInfo info = ModelInfo.read(ModelFolder.local(temp));
    long streams = StreamMemory.of(config, OperandFormat.F16, 4_096).ofAllStreams();
    long weights = Footprint.of(info, OperandFormat.F16, EmbeddingBags.AUTO).total();
    assertThat(weights).isGreaterThan(26L * 1_000 * 128 * Float.BYTES);
    assertThat(DlrmModels.deviceBytes(Backend.CUDA, info, Precision.BF16, 4_096))
        .isEqualTo(weights + streams);
    assertThat(DlrmModels.deviceBytes(Backend.CPU, info, Precision.FP32, 4_096)).isZero();
  }

  @Test
  void theBatchIsHalvedUntilTheStreamsTakeHalfOfWhatIsFree() {
    // A stream takes a byte a row: 3 x 65,536 are half of 393,216.
    assertThat(StreamMemory.fitting(TestStreamMemory::aByteARow, 65_536, 393_216).rows())
        .isEqualTo(65_536);
    assertThat(StreamMemory.fitting(TestStreamMemory::aByteARow, 65_536, 393_215).rows())
        .isEqualTo(32_768);
    assertThat(StreamMemory.fitting(TestStreamMemory::aByteARow, 65_536, 20_000).rows())
        .isEqualTo(2_048);
    assertThat(StreamMemory.fitting(TestStreamMemory::aByteARow, 65_536, 0).rows())
        .isEqualTo(1_024);
  }

  @Test
  void whatDoesNotFitIsToldWithTheArithmetic() {
    StreamMemory memory = new StreamMemory(5_000, 100, 200, 300);
    assertThatCode(() -> memory.mustFit("ctr", DEVICE, 1_800)).doesNotThrowAnyException();
    assertThatThrownBy(() -> memory.mustFit("ctr", DEVICE, 1_799))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "Cannot score batches of 5000 rows with model ctr on device 0, GPU, compute capability"
                + " 9.0: 3 streams take 3 x 600 = 1800 bytes (inputs 100, vectors 200, activations"
                + " 300), of which 1799 are free");
  }

  private static StreamMemory aByteARow(int rows) {
    return new StreamMemory(rows, rows, 0, 0);
  }
}

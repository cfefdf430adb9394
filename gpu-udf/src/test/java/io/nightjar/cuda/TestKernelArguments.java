package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class TestKernelArguments {
  private static final long ADDRESS = 0x7f12_3456_7000L;
  private static final int VALUES = 64 * Long.BYTES;

  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(KernelArguments.BYTES).order(ByteOrder.nativeOrder());
  private final KernelArguments arguments = new KernelArguments(memory, ADDRESS);

  @Test
  void beginsWithTheAddressOfEachArgument() {
    for (int i = 0; i < 64; i++) {
      assertThat(memory.getLong(i * Long.BYTES)).isEqualTo(ADDRESS + VALUES + i * 8L);
    }
  }

  @Test
  void laysArgumentsEightBytesApart() {
    arguments.int32(-2).int64(0x1234_5678_9abc_def0L).float32(1.5f).int32(7);
    assertThat(arguments.count()).isEqualTo(4);
    assertThat(memory.getInt(VALUES)).isEqualTo(-2);
    assertThat(memory.getLong(VALUES + 8)).isEqualTo(0x1234_5678_9abc_def0L);
    assertThat(memory.getFloat(VALUES + 16)).isEqualTo(1.5f);
    assertThat(memory.getInt(VALUES + 24)).isEqualTo(7);
  }

  @Test
  void clearsForTheNextLaunch() {
    arguments.int32(1).int32(2).clear().int32(3);
    assertThat(arguments.count()).isEqualTo(1);
    assertThat(memory.getInt(VALUES)).isEqualTo(3);
  }

  @Test
  void refusesTheSixtyFifth() {
    for (int i = 0; i < 64; i++) {
      arguments.int64(i);
    }
    assertThat(memory.getLong(KernelArguments.BYTES - 8)).isEqualTo(63);
    assertThatThrownBy(() -> arguments.int32(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot pass more than 64 kernel arguments");
  }
}

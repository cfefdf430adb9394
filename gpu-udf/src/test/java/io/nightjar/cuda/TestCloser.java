package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestCloser {
  private final List<String> closed = new ArrayList<>();

  /** Says when it is closed. */
  private final class Door implements AutoCloseable {
    private final String name;

    Door(String name) {
      this.name = name;
    }

    @Override
    public void close() {
      closed.add(name);
    }
  }

  private record StuckDoor(RuntimeException failure) implements AutoCloseable {
    @Override
    public void close() {
      throw failure;
    }
  }

  private record LostFile() implements AutoCloseable {
    @Override
    public void close() throws IOException {
      throw new IOException("gone");
    }
  }

  @Test
  void closesTheLastFirstAndOnce() {
    Closer closer = new Closer();
    closer.add(new Door("a"));
    assertThat(closer.add(new Door("b")).name).isEqualTo("b");
    closer.add(new Door("c"));
    closer.close();
    closer.close();
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void closesTheRestWhenOneFails() {
    Closer closer = new Closer();
    closer.add(new Door("a"));
    closer.add(new StuckDoor(new IllegalStateException("second")));
    closer.add(new Door("b"));
    closer.add(new StuckDoor(new IllegalStateException("first")));
    Throwable failure = catchThrowable(closer::close);
    assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("first");
    assertThat(failure.getSuppressed()).singleElement().asString().contains("second");
    assertThat(closed).containsExactly("b", "a");
  }

  @Test
  void wrapsCheckedExceptions() {
    Closer closer = new Closer();
    closer.add(new LostFile());
    assertThatThrownBy(closer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot close LostFile[]: java.io.IOException: gone")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void leavesOpenWhatOpenedWhole() {
    assertThat(Closer.whole(closer -> closer.add(new Door("a"))).name).isEqualTo("a");
    assertThat(closed).isEmpty();
  }

  @Test
  void closesWhatOpenedHalfWay() {
    IllegalArgumentException halfWay = new IllegalArgumentException("half-way");
    IllegalStateException stuck = new IllegalStateException("stuck");
    assertThatThrownBy(
            () ->
                Closer.whole(
                    closer -> {
                      closer.add(new Door("a"));
                      closer.add(new StuckDoor(stuck));
                      closer.add(new Door("b"));
                      throw halfWay;
                    }))
        .isSameAs(halfWay)
        .hasSuppressedException(stuck);
    assertThat(closed).containsExactly("b", "a");
  }
}

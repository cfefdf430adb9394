package io.nightjar.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * Closes several resources, the last one first; it owns what was added to it.
 *
 * <p>For an object that opens several things:
 *
 * <pre>{@code
 * static Scorer open(CudaContext context) {
 *   return Closer.whole(closer -> new Scorer(context, closer));
 * }
 * }</pre>
 *
 * Should the constructor fail half-way, what it has added is closed; otherwise the object keeps the
 * closer and closes it in its own {@code close}.
 */
public final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  /**
   * Opens something whole or not at all: if {@code opening} fails, everything that it added is
   * closed before the failure goes on.
   */
  public static <T> T whole(Function<Closer, T> opening) {
    Closer closer = new Closer();
    try {
      return opening.apply(closer);
    } catch (RuntimeException | Error failure) {
      closer.closeAfter(failure);
      throw failure;
    }
  }

  /** Takes over a resource and returns it. */
  public <T extends AutoCloseable> T add(T resource) {
    resources.push(resource);
    return resource;
  }

  /**
   * Closes everything. A resource that fails does not keep the others open: the first failure is
   * thrown at the end, with the later ones suppressed in it.
   */
  @Override
  public void close() {
    RuntimeException first = null;
    while (!resources.isEmpty()) {
      try {
        closeLast();
      } catch (RuntimeException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException closing) {
      failure.addSuppressed(closing);
    }
  }

  private void closeLast() {
    AutoCloseable resource = resources.pop();
    try {
      resource.close();
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("Cannot close " + resource + ": " + failure, failure);
    }
  }
}

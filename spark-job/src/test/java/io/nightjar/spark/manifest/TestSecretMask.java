package io.nightjar.spark.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TestSecretMask {
  private final SecretMask mask = new SecretMask(Pattern.compile(SecretMask.DEFAULT_KEYS));

  @Test
  void byTheKey() {
    assertThat(mask.mask("fs.s3a.secret.key", "abc")).isEqualTo("********");
    assertThat(mask.mask("fs.s3a.access.key", "abc")).isEqualTo("********");
    assertThat(mask.mask("gateway.Password", "abc")).isEqualTo("********");
    assertThat(mask.mask("input.users.key", "user_id")).isEqualTo("user_id");
  }

  @Test
  void byAPasswordInAUri() {
    assertThat(mask.mask("metrics.url", "\"https://me:pass@host:9091/x\""))
        .isEqualTo("\"https://********@host:9091/x\"");
    assertThat(mask.mask("output.path", "\"hdfs://name/a@b\"")).isEqualTo("\"hdfs://name/a@b\"");
  }
}

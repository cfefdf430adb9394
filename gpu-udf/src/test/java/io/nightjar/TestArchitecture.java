package io.nightjar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the scorer's packages: lower never imports higher. */
@AnalyzeClasses(packages = "io.nightjar", importOptions = DoNotIncludeTests.class)
class TestArchitecture {

  /**
   * DlrmModels, in scorer, opens a backend; the backends implement scorer's interfaces. The one
   * thing of batch that cuda knows is HostMemory, of which pinned memory is a kind.
   */
  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("cuda")
          .definedBy("io.nightjar.cuda")
          .layer("batch")
          .definedBy("io.nightjar.batch")
          .layer("model")
          .definedBy("io.nightjar.model")
          .layer("scorer")
          .definedBy("io.nightjar.scorer")
          .layer("backends")
          .definedBy("io.nightjar.scorer.cpu", "io.nightjar.scorer.cuda")
          .whereLayer("batch")
          .mayOnlyBeAccessedByLayers("cuda", "scorer", "backends")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers("scorer", "backends")
          .whereLayer("cuda")
          .mayOnlyBeAccessedByLayers("scorer", "backends")
          .whereLayer("backends")
          .mayOnlyBeAccessedByLayers("scorer");

  @ArchTest
  static final ArchRule ONLY_DLRM_MODELS_CHOOSES_A_BACKEND =
      noClasses()
          .that()
          .resideInAPackage("io.nightjar.scorer")
          .and()
          .doNotHaveSimpleName("DlrmModels")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.nightjar.scorer.cpu", "io.nightjar.scorer.cuda");

  @ArchTest
  static final ArchRule CPU_DOES_NOT_KNOW_CUDA =
      noClasses()
          .that()
          .resideInAPackage("io.nightjar.scorer.cpu..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.nightjar.scorer.cuda..", "io.nightjar.cuda..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule CUDA_DOES_NOT_KNOW_CPU =
      noClasses()
          .that()
          .resideInAnyPackage("io.nightjar.scorer.cuda..", "io.nightjar.cuda..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.nightjar.scorer.cpu..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule JCUDA_STAYS_IN_CUDA =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.nightjar.cuda..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jcuda..");

  @ArchTest
  static final ArchRule NO_SPARK_HERE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "io.nightjar.spark..");

  @ArchTest
  static final ArchRule NO_UNSAFE =
      noClasses().should().dependOnClassesThat().haveFullyQualifiedName("sun.misc.Unsafe");
}

package io.nightjar.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The arrows between the modules, and on the Spark side: job -> API -> plan -> executor -> lookup,
 * spec.
 */
@AnalyzeClasses(packages = "io.nightjar", importOptions = DoNotIncludeTests.class)
class TestArchitecture {

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("spec")
          .definedBy("io.nightjar.spark.spec")
          .layer("statistics")
          .definedBy("io.nightjar.spark.statistics")
          .layer("gates")
          .definedBy("io.nightjar.spark.gates")
          .layer("lookup")
          .definedBy("io.nightjar.spark.lookup")
          .layer("executor")
          .definedBy("io.nightjar.spark.executor")
          .layer("plan")
          .definedBy("io.nightjar.spark.plan")
          .layer("api")
          .definedBy("io.nightjar.spark")
          .layer("manifest")
          .definedBy("io.nightjar.spark.manifest")
          .layer("report")
          .definedBy("io.nightjar.spark.report")
          .layer("units")
          .definedBy("io.nightjar.spark.units")
          .layer("metrics")
          .definedBy("io.nightjar.spark.metrics")
          .layer("publish")
          .definedBy("io.nightjar.spark.publish")
          .layer("input")
          .definedBy("io.nightjar.spark.input")
          .layer("output")
          .definedBy("io.nightjar.spark.output")
          .layer("job")
          .definedBy("io.nightjar.spark.job")
          .layer("demo")
          .definedBy("io.nightjar.spark.demo")
          .whereLayer("spec")
          .mayOnlyBeAccessedByLayers(
              "statistics", "executor", "plan", "api", "manifest", "report", "job")
          .whereLayer("gates")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("lookup")
          .mayOnlyBeAccessedByLayers("executor", "plan")
          .whereLayer("executor")
          .mayOnlyBeAccessedByLayers("plan", "api", "units", "job")
          .whereLayer("plan")
          .mayOnlyBeAccessedByLayers("api", "job")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("manifest")
          .mayOnlyBeAccessedByLayers("report", "metrics", "job")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("units")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("metrics")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("publish")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("input")
          .mayOnlyBeAccessedByLayers("units")
          .whereLayer("output")
          .mayOnlyBeAccessedByLayers("job")
          .whereLayer("job")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("demo")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule PUBLISHING_NEEDS_NO_SPARK =
      noClasses()
          .that()
          .resideInAPackage("io.nightjar.spark.publish..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..");

  @ArchTest
  static final ArchRule THE_SCORER_DOES_NOT_KNOW_SPARK =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.nightjar.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "io.nightjar.spark..");

  @ArchTest
  static final ArchRule SPARK_KNOWS_NO_BACKEND =
      noClasses()
          .that()
          .resideInAPackage("io.nightjar.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.nightjar.scorer.cpu..",
              "io.nightjar.scorer.cuda..",
              "io.nightjar.cuda..",
              "jcuda..");

  @ArchTest
  static final ArchRule NO_UNSAFE =
      noClasses().should().dependOnClassesThat().haveFullyQualifiedName("sun.misc.Unsafe");
}

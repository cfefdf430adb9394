"""Scores every night with Nightjar, then waits until readers can see the scores.

For Airflow 3 with the providers apache-spark and standard. Put it into the DAGs folder and fill in the
paths. A manual run says which day it is for: {"run_date": "2026-11-23"}.
"""

from datetime import timedelta

import pendulum
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable

ZONE = "Europe/Berlin"
HOME = "/opt/nightjar"
OUTPUT = "/data/scores"
# The day of the schedule, not of the moment: a retry after midnight is still for the same day.
RUN_DATE = "{{ params.run_date or data_interval_end.in_timezone('" + ZONE + "').to_date_string() }}"

with DAG(
    dag_id="nightjar_nightly",
    schedule=CronTriggerTimetable("30 2 * * *", timezone=ZONE),
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    params={"run_date": ""},
) as dag:
    score = SparkSubmitOperator(
        task_id="score",
        conn_id="spark_default",
        application=f"{HOME}/spark-job/target/nightjar.jar",
        java_class="io.nightjar.spark.job.ScoringJob",
        properties_file=f"{HOME}/conf/gpu/spark-defaults.conf",
        application_args=["score", "--config", "/etc/nightjar/nightly.conf", "--run-date", RUN_DATE],
        # The same command again goes on where the last one ended, or says that the day is published already.
        retries=3,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=5),
    )
    # On HDFS or S3 take WebHdfsSensor or S3KeySensor. Jobs of other DAGs wait for the same file.
    published = FileSensor(
        task_id="published",
        fs_conn_id="fs_default",
        filepath=f"{OUTPUT}/run_date={RUN_DATE}/_SUCCESS",
        mode="reschedule",
        poke_interval=60,
        timeout=3600,
    )
    score >> published

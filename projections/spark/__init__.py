"""Past one machine: the same plan per part of an export, its parts handed out by Apache Spark."""

"""The population as Parquet: what the plan reads, in parts that keep families together."""

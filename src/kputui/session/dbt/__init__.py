"""Reading the semantic YAML of a dbt project, and carrying its metrics over into a workspace's own form."""

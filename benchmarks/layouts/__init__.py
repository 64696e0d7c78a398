"""What `make bench-layout` is made of: the sets, the programs, the runs, the judge, the report and the figure."""

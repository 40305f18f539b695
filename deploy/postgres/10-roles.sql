-- Three roles: who owns the tables and migrates, whom a serving process signs in as, and the one
-- that row-level security is written for. Nobody that serves owns a table, and none of the three is
-- a superuser.
CREATE ROLE loom_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE loom_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE loom_server LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
GRANT loom_app TO loom_owner;
GRANT loom_app TO loom_server;
-- how long sessions last and what they wait for, for the page of health (migration 0061)
GRANT pg_read_all_stats TO loom_owner;

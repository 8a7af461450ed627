-- PostgreSQL roles for an installation that takes nothing for granted. Run once by the owner of the tables, after
-- the first migrate; give each role a password of its own (ALTER ROLE … LOGIN PASSWORD …), and use
--   connector_app        in DATABASE_URL of web, worker and beat: no DDL, and the audit trail is add-only for it;
--   connector_retention  in DATABASE_URL of `manage.py purge` alone: it may also cut the audit trail.
-- Only `manage.py migrate` runs as the owner. Later tables get the same rights by the defaults at the end.
CREATE ROLE connector_app NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE connector_retention NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO connector_app, connector_retention;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO connector_app, connector_retention;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO connector_app, connector_retention;
REVOKE UPDATE, DELETE ON core_event FROM connector_app;
REVOKE UPDATE ON core_event FROM connector_retention;
REVOKE INSERT, UPDATE, DELETE ON audit_retention FROM connector_app;
REVOKE INSERT, DELETE ON audit_retention FROM connector_retention;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM connector_app, connector_retention;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO connector_app, connector_retention;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO connector_app, connector_retention;

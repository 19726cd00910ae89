-- +goose Up

-- Days after which a profile that its source did not report again says nothing any more of what
-- was not seen; 0 for never.
alter table environment add column profile_days integer not null default 7;

-- When the source last reported the profile of a container that still runs; null while the newest
-- sweep did, so that one that changes nothing writes nothing here.
alter table occurrence add column profiled_at integer;

-- The reads of what is in use need the age as well and must find it in the index.
drop index occurrence_running;
create index occurrence_running on occurrence (digest_id, environment_id, profile_id, integration_number, profiled_at) where closed_at is null;
-- The oldest profile of an integration, and whether one is reported still.
create index occurrence_profiled on occurrence (integration_number, profiled_at) where closed_at is null and profile_id is not null;

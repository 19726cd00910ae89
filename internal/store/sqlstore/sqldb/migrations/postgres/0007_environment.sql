-- +goose Up

alter table environment add column description text collate "C" not null default '';
-- One that was deleted keeps its name, under which its history is read.
alter table environment add column deleted_at bigint;

-- Integrations of the kind "assigned" hold what people and pipelines say runs in an
-- environment, one for each. Nobody names them, and they are never swept.
drop index integration_name;
create unique index integration_name on integration (organisation_id, name) where deleted_at is null and kind <> 'assigned';
drop index integration_due;
create index integration_due on integration (next_at) where deleted_at is null and kind <> 'assigned';
create unique index integration_assigned on integration (environment_id) where kind = 'assigned';

-- What an image's name says is its repository, or empty, and when it was built by its own
-- word or, if that is none, recorded: they order the versions of a repository.
alter table image add column repository text collate "C" not null default '';
alter table image add column built_at bigint not null default 0;
update image set repository = t.repository from tag as t, digest as d, alias as a
    where d.organisation_id = t.organisation_id and d.digest = t.target and a.digest_id = d.id and image.id = a.image_id and image.name = t.repository || ':' || t.name;
update image set built_at = recorded_at;
update image set built_at = cast(extract(epoch from cast(cast(g.config as json) ->> 'created' as timestamptz)) * 1000000 as bigint)
    from image_config as g where g.image_id = image.id and g.config like '%"created":"2%'
    and cast(extract(epoch from cast(cast(g.config as json) ->> 'created' as timestamptz)) * 1000000 as bigint) between 946684800000000 and image.recorded_at;
create index image_repository on image (organisation_id, repository, platform, built_at, digest) where state = 'analysed' and repository <> '';

-- +goose Up

-- Registries that organisations connected, so that what is pushed there is analysed. This is not the
-- list of the registries that images may come from, which is in organisation.registries.
create table registry (
    id text primary key,
    organisation_id text not null references organisation (id),
    name text not null,
    kind text not null,
    host text not null, -- as images are named: docker.io, registry.example.com:5000
    namespace text not null, -- whose repositories are listed, where the kind asks for it
    api text not null, -- address of the registry's own API, where that is another
    username text not null,
    secret bytea not null, -- sealed; empty without
    repositories text not null, -- those that are given, as JSON; empty where they are listed
    include text not null, -- patterns of repositories, as JSON; empty for none
    exclude text not null,
    enabling text not null, -- patterns of repositories that are enabled as they appear
    interval_us bigint not null,
    created_at bigint not null,
    changed_at bigint not null, -- when credentials or address last became others
    deleted_at bigint,
    attempt_at bigint,
    connected_at bigint, -- when it last answered as it should
    listed_at bigint, -- when its repositories were last listed to the end
    next_at bigint not null, -- when they are listed again
    failing_since bigint,
    reason text not null,
    wait_until bigint -- nothing is asked before
);
create unique index registry_name on registry (organisation_id, name) where deleted_at is null;
create index registry_host on registry (organisation_id, host) where deleted_at is null;
create index registry_due on registry (next_at) where deleted_at is null;

-- The sealed secret of whatever tells of pushes.
create table registry_hook (
    id text primary key references registry (id),
    secret bytea not null
);

create table registry_repository (
    id bigint primary key,
    registry_id text not null references registry (id),
    organisation_id text not null references organisation (id),
    name text not null, -- within the registry
    found_at bigint not null,
    gone_at bigint, -- since when a complete listing has it no more
    enabled_at bigint,
    read_at bigint, -- when its tags were last read to the end since it was enabled
    next_at bigint, -- when they are read again; null while it is not enabled
    hinted_at bigint, -- when something last told of a push that was not looked at
    backfill_at bigint, -- since when there is something to fill up
    pushed_at bigint, -- the newest push that was seen or told of
    reason text not null,
    unique (registry_id, name)
);
create index registry_repository_due on registry_repository (registry_id, next_at) where next_at is not null;
create index registry_repository_hint on registry_repository (registry_id, hinted_at) where hinted_at is not null;
create index registry_repository_fill on registry_repository (registry_id, backfill_at) where backfill_at is not null;
create index registry_repository_name on registry_repository (organisation_id, name, registry_id);

-- The tags of enabled repositories as the registry was last asked. What they named over time is in tag.
create table registry_tag (
    repository_id bigint not null references registry_repository (id) on delete cascade,
    name text not null,
    target text not null, -- empty before it was asked
    checked_at bigint not null, -- 0 for never
    lane bigint, -- in which it is to be analysed, once it is known what it names; null for not
    primary key (repository_id, name)
);
create index registry_tag_lane on registry_tag (repository_id, lane, name) where lane is not null;
create index registry_tag_checked on registry_tag (repository_id, checked_at);

-- Who waits for an analysis: 1 a person or a pipeline, 2 a push, 3 nobody in particular.
alter table analysis_request add column lane bigint not null default 1;
-- The connected registry that the image was pushed to, and the tag it had then.
alter table analysis_request add column registry_id text references registry (id);
alter table analysis_request add column tag text not null default '';
-- What was pushed is named by its digest, and asked for once.
create unique index analysis_request_pushed on analysis_request (organisation_id, reference) where registry_id is not null;
create index analysis_request_lane on analysis_request (organisation_id, lane, state);

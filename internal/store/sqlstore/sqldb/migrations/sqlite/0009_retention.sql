-- +goose Up

-- Days after which an organisation removes what is old, as JSON; empty for never.
alter table organisation add column retention text not null default '';

-- When an image was last recorded, analysed or looked up, to the day; when retention removed its
-- content, and which that was: what ran in the past is answered from there.
alter table image add column used_at integer not null default 0;
alter table image add column removed_at integer;
alter table image add column past_content_id integer references content (id);
update image set used_at = recorded_at;
update image set used_at = c.analysed_at from content as c where c.id = image.content_id and c.analysed_at > image.used_at;
create index image_retention on image (organisation_id, id) where state = 'analysed';
create index image_past_content on image (past_content_id) where past_content_id is not null;

-- A content that no organisation needs is left as a name for the sets it had, with its counts of that day.
alter table content add column removed_at integer;

-- A set without packages: only contents that were removed have it.
alter table package_set add column emptied_at integer;

-- What was known of a set that ran, up to the day its packages were removed.
create table set_history (
    set_id integer not null references package_set (id) on delete cascade,
    vulnerability text not null,
    severity integer not null,
    decides integer not null,
    opened_at integer not null,
    closed_at integer not null,
    primary key (set_id, vulnerability, severity, decides, opened_at, closed_at)
) strict, without rowid;
create index set_history_closed on set_history (closed_at);

-- When an organisation last read a layer or was found to need it.
alter table layer_blob add column used_at integer not null default 0;
update layer_blob set used_at = coalesce((select max(r.created_at) from layer_result as r where r.diff_id = layer_blob.diff_id), 0);
create index layer_blob_used on layer_blob (organisation_id, used_at);
create index layer_blob_diff on layer_blob (diff_id);

create index analysis_request_finished on analysis_request (organisation_id, finished_at) where finished_at is not null;

-- One time that retention went over an organisation. Where it stands is kept in the transaction of each
-- part, so that a run which is cut off goes on.
create table retention_run (
    id text primary key,
    organisation_id text not null references organisation (id),
    started_at integer not null,
    updated_at integer not null,
    finished_at integer,
    phase integer not null default 0,
    position integer not null default 0,
    images integer not null default 0,
    packages integer not null default 0,
    versions integer not null default 0,
    layers integer not null default 0,
    analyses integer not null default 0,
    audit integer not null default 0,
    bytes integer not null default 0
) strict;
create unique index retention_run_open on retention_run (organisation_id) where finished_at is null;
create index retention_run_newest on retention_run (organisation_id, started_at);

-- +goose Up

-- Whether what an integration sees running is analysed without anybody asking for it.
alter table integration add column own_analysis boolean not null default false;

-- What was asked for because it runs: once for each digest that leads nowhere. The request is null once it was removed.
create table running_request (
    digest_id bigint primary key references digest (id),
    request_id text collate "C" references analysis_request (id) on delete set null,
    asked_at bigint not null
);
create index running_request_request on running_request (request_id);

-- The processes that run jobs, by the names that jobs have them by, with when something was last heard of each and
-- since when without a gap. What runs in one that is gone is another's. A SQLite database has one process.
create table job_process (
    id text collate "C" primary key,
    seen_at timestamptz not null,
    since timestamptz not null
);

-- What waits and runs is counted by lane whenever somebody looks at the queue, and is little of what was ever asked for.
drop index analysis_request_lane;
create index analysis_request_open on analysis_request (organisation_id, lane, state) where state in ('queued', 'running');

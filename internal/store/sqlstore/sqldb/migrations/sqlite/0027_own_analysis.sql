-- +goose Up

-- Whether what an integration sees running is analysed without anybody asking for it.
alter table integration add column own_analysis integer not null default 0;

-- What was asked for because it runs: once for each digest that leads nowhere. The request is null once it was removed.
create table running_request (
    digest_id integer primary key references digest (id),
    request_id text references analysis_request (id) on delete set null,
    asked_at integer not null
) strict;
create index running_request_request on running_request (request_id);

-- What waits and runs is counted by lane whenever somebody looks at the queue, and is little of what was ever asked for.
drop index analysis_request_lane;
create index analysis_request_open on analysis_request (organisation_id, lane, state) where state in ('queued', 'running');

-- +goose Up

-- When an organisation was given the policies that every one begins with.
alter table organisation add column policies_at integer;

-- What an organisation asks of its images: a type with parameters, where it holds, and what it counts.
create table policy (
    id integer primary key,
    organisation_id text not null references organisation (id),
    name text not null,
    description text not null,
    type text not null,
    parameters text not null, -- JSON
    repositories text not null, -- patterns as JSON; empty for all
    environments text not null, -- numbers as JSON; empty for wherever an image is
    weight integer not null,
    enabled integer not null,
    created_at integer not null,
    changed_at integer not null,
    unique (organisation_id, name)
) strict;

-- Whether an image met a policy, over an interval: by itself (environment 0) or, where the place counts, in an
-- environment. The status is 0 for compliant, 1 for no data, 2 for non-compliant: of several the highest counts.
create table policy_result (
    id integer primary key,
    policy_id integer not null references policy (id) on delete cascade,
    image_id integer not null references image (id) on delete cascade,
    environment_id integer not null,
    status integer not null,
    violations integer not null,
    opened_at integer not null,
    opened_by text not null, -- image or outside
    closed_at integer,
    reason text not null
) strict;
create unique index policy_result_open on policy_result (image_id, policy_id, environment_id) where closed_at is null;
create index policy_result_place on policy_result (policy_id, environment_id, status, violations, image_id, opened_at) where closed_at is null;
create index policy_result_image on policy_result (image_id, environment_id, policy_id, status, violations, opened_at) where closed_at is null;
create index policy_result_past on policy_result (policy_id, closed_at, image_id, environment_id) where closed_at is not null;
create index policy_result_newest on policy_result (policy_id, opened_at, id);

-- What an image was last asked about: its content, what it is built on, and when the passing of time may change an answer.
create table policy_image (
    image_id integer primary key references image (id) on delete cascade,
    organisation_id text not null references organisation (id),
    content_id integer not null,
    base text not null,
    again_at integer
) strict;
create index policy_image_again on policy_image (again_at) where again_at is not null;
create index policy_image_base on policy_image (organisation_id, base) where base <> '';

-- Images of which something changed that policies go by, and how often since it was last asked about them.
create table policy_due (
    image_id integer primary key references image (id) on delete cascade,
    marks integer not null
) strict;
insert into policy_due (image_id, marks) select id, 1 from image where state = 'analysed';

-- +goose Up

create table organisation (
    id text primary key,
    name text not null unique,
    created_at integer not null
) strict;

-- Results of analysing a layer, shared by all organisations: only what this
-- installation's own analyser read from verified bytes.
create table layer_result (
    diff_id text not null,
    analyser text not null,
    result blob not null,
    created_at integer not null,
    primary key (diff_id, analyser)
) strict;

-- What an analyser found in the content a platform manifest names. The
-- packages hang from here; organisations reach it only through image. The counts
-- are of its packages, and of the open, deciding findings of these by severity; they
-- are kept in step by whatever changes packages or findings, since lists and sums
-- over environments would have to join millions of rows at each call without them.
create table content (
    id integer primary key,
    packages integer not null default 0,
    critical integer not null default 0,
    high integer not null default 0,
    medium integer not null default 0,
    low integer not null default 0,
    unspecified integer not null default 0,
    analysed_at integer not null,
    digest text not null,
    analyser text not null,
    distribution text not null,
    problems text not null,
    unique (digest, analyser)
) strict;

create table package_version (
    id integer primary key,
    identity blob not null unique,
    purl text not null,
    type text not null,
    name text not null,
    version text not null,
    ecosystem text not null,
    source text not null,
    source_version text not null,
    use_key text not null,
    match_base text not null,
    match_name text not null,
    match_binary text not null, -- the second name advisories may use, or empty
    -- Raised by everything that makes a new match necessary, and never lowered; it is
    -- pending while what was matched is another generation.
    generation integer not null,
    matched_generation integer not null,
    matched_at integer,
    -- Its open, deciding findings by severity, and minus the weight of the worst of them, so
    -- that worse comes first where names are in order, null without one. They are kept in
    -- step by what changes findings, since lists of packages go by them.
    critical integer not null default 0,
    high integer not null default 0,
    medium integer not null default 0,
    low integer not null default 0,
    unspecified integer not null default 0,
    worst_first integer
) strict;
create index package_version_name on package_version (name, type);
create index package_version_worst on package_version (worst_first, name, type) where worst_first is not null;
create index package_version_match on package_version (match_name, match_base);
create index package_version_binary on package_version (match_binary, match_base) where match_binary <> '';
create index package_version_pending on package_version (id) where generation <> matched_generation;

-- A set of packages that one layer brought, with where they lie and their
-- licences. The images of one base, and the tags of one repository, share most of
-- their layers and so most of their sets: a set is stored once, whatever has it.
create table package_set (
    id integer primary key,
    hash blob not null unique -- of everything in it
) strict;

create table package_set_package (
    set_id integer not null references package_set (id) on delete cascade,
    package_version_id integer not null references package_version (id),
    locations text not null,
    licences text not null,
    primary key (set_id, package_version_id)
) strict, without rowid;
create index package_set_package_version on package_set_package (package_version_id, set_id);

-- The packages of a content are those of its sets; no package version is in two of them.
create table content_set (
    content_id integer not null references content (id) on delete cascade,
    set_id integer not null references package_set (id),
    primary key (content_id, set_id)
) strict, without rowid;
create index content_set_set on content_set (set_id, content_id);

create table image (
    id integer primary key,
    organisation_id text not null references organisation (id),
    content_id integer references content (id),
    state text not null,
    digest text not null,
    image_id text not null,
    name text not null,
    platform text not null,
    size integer not null,
    recorded_at integer not null,
    reason text not null,
    reason_kind text not null default '', -- the kind of error behind the reason of a failed analysis
    unique (organisation_id, digest)
) strict;
create index image_name on image (organisation_id, name, digest);
create index image_recorded on image (organisation_id, recorded_at, digest);
create index image_content on image (content_id, organisation_id);

-- The part of an image that is read only with the image itself, apart from it so that
-- lists and joins pass over less.
create table image_config (
    image_id integer primary key references image (id) on delete cascade,
    config text not null
) strict;

-- Every digest an organisation has heard of, be it known of an image or reported
-- by a runtime. Numbers stand for it in the tables that are joined most.
create table digest (
    id integer primary key,
    organisation_id text not null references organisation (id),
    digest text not null,
    unique (organisation_id, digest)
) strict;

-- Every digest known of an image. One index names several images, so the
-- image is part of the key.
create table alias (
    digest_id integer not null references digest (id),
    image_id integer not null references image (id) on delete cascade,
    kind text not null,
    primary key (digest_id, image_id)
) strict, without rowid;
create index alias_image on alias (image_id, digest_id);

-- What a reference named, over time.
create table tag (
    id integer primary key,
    organisation_id text not null references organisation (id),
    repository text not null,
    name text not null,
    target text not null,
    opened_at integer not null,
    closed_at integer
) strict;
create unique index tag_open on tag (organisation_id, repository, name) where closed_at is null;

create table analysis_request (
    id text primary key,
    organisation_id text not null references organisation (id),
    reference text not null,
    platform text not null,
    state text not null,
    reason text not null,
    digest text not null,
    created_at integer not null,
    finished_at integer
) strict;
create index analysis_request_newest on analysis_request (organisation_id, created_at, id);
create index analysis_request_state on analysis_request (organisation_id, state, created_at, id);

create table advisory (
    id text primary key,
    aliases text not null,
    upstream text not null,
    related text not null,
    summary text not null,
    severity text not null,
    word text not null,
    published_at integer,
    modified_at integer not null,
    withdrawn_at integer,
    content_hash blob not null,
    first_held_at integer not null,
    imported_at integer not null
) strict;

create table advisory_affected (
    advisory_id text not null references advisory (id) on delete cascade,
    position integer not null,
    match_base text not null,
    match_name text not null,
    ecosystem text not null,
    name text not null,
    detail text not null,
    primary key (advisory_id, position)
) strict;
create index advisory_affected_match on advisory_affected (match_name, match_base);

create table advisory_source (
    ecosystem text primary key,
    fingerprint text not null,
    records integer not null,
    imported_at integer not null,
    checked_at integer not null,
    newest_at integer
) strict;

-- A package version has a vulnerability by the word of an advisory, over an
-- interval. Of the open findings of one package version and one vulnerability
-- exactly one decides.
create table finding (
    id integer primary key,
    package_version_id integer not null references package_version (id),
    vulnerability text not null,
    advisory_id text not null,
    aliases text not null,
    summary text not null,
    severity integer not null,
    cvss_version text not null,
    cvss_score real not null,
    cvss_vector text not null,
    fixed_version text not null,
    decides integer not null,
    opened_at integer not null,
    opened_by text not null,
    closed_at integer,
    closed_by text,
    -- Orders findings from bad to worse: the severity, then the score, which has one digit after the point.
    weight integer generated always as (severity * 1000 + cast(round(cvss_score * 10) as integer)) stored
) strict;
create unique index finding_open on finding (package_version_id, vulnerability, advisory_id) where closed_at is null;
create index finding_worst on finding (weight, vulnerability, package_version_id) where closed_at is null and decides;
create index finding_vulnerability on finding (vulnerability, weight, package_version_id) where closed_at is null and decides;
create index finding_package on finding (package_version_id, severity) where closed_at is null and decides;
create index finding_opened on finding (opened_at, opened_by, package_version_id) where closed_at is null and decides;

-- Every name a vulnerability was found under: its own, its aliases and the advisories that
-- speak of it. A name is never taken back, so what it leads to must be asked whether it still bears it.
create table vulnerability_name (
    name text not null,
    vulnerability text not null,
    primary key (name, vulnerability)
) strict, without rowid;

create table environment (
    id integer primary key,
    organisation_id text not null references organisation (id),
    name text not null,
    created_at integer not null,
    unique (organisation_id, name)
) strict;

create table integration (
    id text primary key,
    number integer not null unique, -- stands for it in the tables of what runs
    organisation_id text not null references organisation (id),
    environment_id integer not null references environment (id),
    name text not null,
    kind text not null,
    region text not null,
    url text not null,
    cluster text not null,
    secret blob not null,
    interval_us integer not null,
    created_at integer not null,
    deleted_at integer,
    requested_at integer, -- when a person last asked for a sweep
    attempt_at integer,
    ended_at integer,
    complete_at integer,
    next_at integer not null,
    failing_since integer,
    connected_since integer, -- the first of the complete sweeps since the last failure
    paused_at integer,
    changed_at integer, -- when it last came to mean another cluster; a sweep that began before saw the old one
    reason text not null,
    requests integer not null
) strict;
create unique index integration_name on integration (organisation_id, name) where deleted_at is null;
create index integration_due on integration (next_at) where deleted_at is null;

-- A distinct set of loaded packages; many containers share one.
create table profile (
    id integer primary key,
    organisation_id text not null references organisation (id),
    hash text not null,
    unique (organisation_id, hash)
) strict;

create table profile_package (
    profile_id integer not null references profile (id) on delete cascade,
    use_key text not null,
    primary key (profile_id, use_key)
) strict, without rowid;
create index profile_package_key on profile_package (use_key, profile_id);

-- One container of a workload that ran an image, as reported, over an interval.
create table occurrence (
    id integer primary key,
    organisation_id text not null references organisation (id),
    environment_id integer not null references environment (id),
    integration_number integer not null references integration (number),
    digest_id integer not null references digest (id), -- the image ID as reported
    profile_id integer references profile (id),
    opened_at integer not null,
    closed_at integer,
    cluster text not null,
    namespace text not null,
    kind text not null,
    name text not null,
    container text not null
) strict;
create unique index occurrence_open on occurrence (integration_number, namespace, kind, name, container, digest_id) where closed_at is null;
create index occurrence_newest on occurrence (organisation_id, opened_at, id);
create index occurrence_environment on occurrence (environment_id, opened_at, id);
create index occurrence_digest on occurrence (digest_id, opened_at, id);
create index occurrence_running on occurrence (digest_id, environment_id, profile_id) where closed_at is null;
create index occurrence_closed on occurrence (environment_id, closed_at) where closed_at is not null;
create index occurrence_name on occurrence (organisation_id, name, namespace, kind) where closed_at is null;
create index occurrence_namespace on occurrence (organisation_id, namespace, name, kind) where closed_at is null;

-- How many open occurrences an integration has of each reported digest: the groups of
-- occurrence, kept in step by sweeps, since there are a hundred times fewer of them. Which
-- image a digest names, and so what belongs to an environment, is not in here: that is
-- derived at each call.
create table running (
    integration_number integer not null references integration (number),
    digest_id integer not null references digest (id),
    environment_id integer not null references environment (id),
    occurrences integer not null,
    primary key (integration_number, digest_id)
) strict, without rowid;
create index running_environment on running (environment_id, digest_id);
create index running_digest on running (digest_id, environment_id);

-- People sign in; what each may do hangs from membership. The table of people is called
-- person since "user" is a word of SQL.
create table person (
    id text primary key,
    email text not null unique, -- lower case
    name text not null,
    language text not null,
    password text not null, -- encoded argon2id hash, or empty
    created_at integer not null,
    seen_at integer
) strict;

create table identity (
    provider text not null,
    subject text not null,
    person_id text not null references person (id) on delete cascade,
    created_at integer not null,
    primary key (provider, subject)
) strict;

create table membership (
    organisation_id text not null references organisation (id),
    person_id text not null references person (id) on delete cascade,
    role integer not null,
    created_at integer not null,
    primary key (organisation_id, person_id)
) strict;
create index membership_person on membership (person_id, organisation_id);

-- Only hashes of what callers present are kept, of tokens as of sessions and links.
create table token (
    id text primary key,
    organisation_id text not null references organisation (id),
    person_id text references person (id) on delete cascade, -- null for one of the organisation
    name text not null,
    hash blob not null unique,
    scopes text not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer,
    used_at integer,
    revoked_at integer
) strict;
create index token_organisation on token (organisation_id, created_at, id);
create index token_person on token (person_id);

create table session (
    hash text primary key,
    id text not null unique,
    person_id text not null references person (id) on delete cascade,
    organisation_id text not null references organisation (id),
    address text not null,
    agent text not null,
    created_at integer not null,
    used_at integer not null,
    deadline_at integer not null,
    expires_at integer not null
) strict;
create index session_person on session (person_id, used_at);
create index session_expires on session (expires_at);

create table link (
    id text primary key,
    hash blob not null unique,
    kind text not null,
    organisation_id text not null references organisation (id),
    person_id text references person (id) on delete cascade,
    email text not null,
    role integer not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer not null,
    used_at integer
) strict;
create index link_organisation on link (organisation_id, kind, created_at);
create index link_expires on link (expires_at);

create table audit (
    id integer primary key,
    organisation_id text not null references organisation (id),
    at integer not null,
    actor_kind text not null,
    actor_id text not null,
    actor_name text not null,
    address text not null,
    action text not null,
    subject text not null,
    detail text not null
) strict;
create index audit_newest on audit (organisation_id, at, id);
create index audit_actor on audit (organisation_id, actor_name, at, id);
create index audit_action on audit (organisation_id, action, at, id);

-- Attempts to sign in, counted under hashes of addresses and accounts, and keys that are
-- trusted for a time.
create table attempt (
    key text primary key,
    count integer not null,
    blocked_until integer not null,
    forget_at integer not null
) strict;
create index attempt_forget on attempt (forget_at);
-- Counts how often a resource changed, so that whoever shows it knows when to read it
-- again. What all organisations share has the empty organisation.
create table revision (
    organisation_id text not null,
    resource text not null,
    value integer not null,
    primary key (organisation_id, resource)
) strict, without rowid;

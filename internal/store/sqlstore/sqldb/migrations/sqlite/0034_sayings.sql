-- +goose Up

-- The sentences of a reason by their codes, as JSON, for readers of other languages; empty where somebody else wrote a part of it. Policies are
-- asked once more, so that what they said before has them too.
alter table policy_result add column says text not null default '';
insert into policy_due (image_id, marks) select image_id, 1 from policy_image where true
    on conflict (image_id) do update set marks = policy_due.marks + 1;

-- +goose Up

-- Each finding that is stored is entered into every index. Those since a time are found by finding_opened_at as well.
drop index finding_opened;

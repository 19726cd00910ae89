import { ActionIcon, Button, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import { IconKey, IconMailPlus, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Dialog } from "@/components/dialog";
import { ExportMenu } from "@/components/export-menu";
import { OwnersOnly } from "@/components/no-permission";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Notice } from "@/components/status";
import { Table, type Column } from "@/components/table";
import {
  invitationsQuery,
  peopleQuery,
  roles,
  useChangeRole,
  useInvite,
  usePasswordLink,
  useRemovePerson,
  useRevokeInvitation,
  type Invitation,
  type Person,
  type Role,
} from "@/data/people";
import { exportOf } from "@/data/export";
import { useMay } from "@/data/session";
import { Confirm, Once } from "./confirm";
import classes from "./settings.module.css";

export function PeoplePage() {
  const { t } = useTranslation();
  if (!useMay("manage-people")) {
    return (
      <Page title={t("nav.people")} lead={t("people.lead")}>
        <OwnersOnly />
      </Page>
    );
  }
  return <People />;
}

function People() {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery);
  const invitations = useQuery(invitationsQuery);
  const change = useChangeRole();
  const remove = useRemovePerson();
  const revoke = useRevokeInvitation();
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Person>();
  const [forgetful, setForgetful] = useState<Person>();
  const owners = people.data?.filter((p) => p.role === "owner").length ?? 0;
  // Without an owner nobody could make another.
  const isLast = (p: Person) => p.role === "owner" && owners === 1;

  const columns: Column<Person>[] = [
    {
      id: "name",
      header: t("people.name"),
      cell: (p) => (
        <>
          <strong>{p.name}</strong> <span className="muted">{p.you ? t("people.you", { email: p.email }) : p.email}</span>
        </>
      ),
    },
    {
      id: "role",
      header: t("people.role"),
      width: "9rem",
      cell: (p) => (
        <Tooltip label={t("people.lastOwner")} disabled={!isLast(p)}>
          <span>
            <RoleSelect
              label={t("people.roleOf", { name: p.name })}
              value={p.role}
              disabled={isLast(p) || change.isPending}
              onChange={(role) => {
                change.mutate({ id: p.id, role });
              }}
            />
          </span>
        </Tooltip>
      ),
    },
    { id: "joined", header: t("people.joined"), width: "9rem", priority: 2, cell: (p) => <Ago at={p.joined} /> },
    { id: "seen", header: t("people.seen"), width: "9rem", priority: 2, cell: (p) => (p.lastSeen ? <Ago at={p.lastSeen} /> : <span className="muted">{t("environment.never")}</span>) },
    {
      id: "remove",
      header: t("people.actions"),
      width: "6rem",
      end: true,
      cell: (p) => (
        <span className={classes.icons}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("people.reset", { name: p.name })}
          onClick={() => {
            setForgetful(p);
          }}
        >
          <IconKey size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("people.remove", { name: p.name })}
          disabled={isLast(p)}
          onClick={() => {
            setLeaving(p);
          }}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
        </span>
      ),
    },
  ];
  const open: Column<Invitation>[] = [
    { id: "email", header: t("signIn.email"), cell: (i) => <strong>{i.email}</strong> },
    { id: "role", header: t("people.role"), width: "9rem", cell: (i) => t(`role.${i.role}`) },
    { id: "by", header: t("people.invitedBy"), width: "12rem", priority: 2, cell: (i) => i.createdBy },
    { id: "expires", header: t("people.expires"), width: "9rem", priority: 2, cell: (i) => <Ago at={i.expires} /> },
    {
      id: "revoke",
      header: t("people.actions"),
      width: "5rem",
      end: true,
      cell: (i) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("people.revoke", { email: i.email })}
          onClick={() => {
            revoke.mutate(i.id);
          }}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      ),
    },
  ];
  const failed = change.error ?? revoke.error;
  return (
    <Page
      title={t("nav.people")}
      lead={t("people.lead")}
      actions={
        <Button
          size="xs"
          leftSection={<IconMailPlus size={14} aria-hidden />}
          onClick={() => {
            setInviting(true);
          }}
        >
          {t("people.invite")}
        </Button>
      }
    >
      {failed && <Notice tone="bad">{failed.message}</Notice>}
      <Section title={t("people.members")} aside={<ExportMenu address={exportOf("/api/v1/export/people")} />}>
        {people.error && !people.data ? (
          <ErrorState error={people.error} retry={people.refetch} />
        ) : (
          <Table label={t("nav.people")} columns={columns} rows={people.data} keyOf={(p) => p.id} skeleton={3} empty={null} />
        )}
      </Section>
      {!people.error && (
        <Section title={t("people.invitations")}>
          {invitations.error && !invitations.data ? (
            <ErrorState error={invitations.error} retry={invitations.refetch} />
          ) : (
            <Table
              label={t("people.invitations")}
              columns={open}
              rows={invitations.data}
              keyOf={(i) => i.id}
              skeleton={1}
              empty={<State icon={<IconUsers size={28} stroke={1.5} aria-hidden />} title={t("people.noInvitations")} />}
            />
          )}
        </Section>
      )}
      {inviting && (
        <Invite
          onClose={() => {
            setInviting(false);
          }}
        />
      )}
      {forgetful && (
        <PasswordLink
          person={forgetful}
          onClose={() => {
            setForgetful(undefined);
          }}
        />
      )}
      {leaving && (
        <Confirm
          title={t("people.remove", { name: leaving.name })}
          submit={t("people.removeNow")}
          pending={remove.isPending}
          error={remove.error}
          onSubmit={() => {
            remove.mutate(leaving.id, {
              onSuccess: () => {
                setLeaving(undefined);
              },
            });
          }}
          onClose={() => {
            setLeaving(undefined);
            remove.reset();
          }}
        >
          {t("people.removeText")}
        </Confirm>
      )}
    </Page>
  );
}

/** Makes a link with which a person sets a new password, once whoever asks for it has read what that does. */
function PasswordLink({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const make = usePasswordLink();
  const title = t("people.reset", { name: person.name });
  if (make.data) {
    return (
      <Dialog title={title} onClose={onClose}>
        <Once text={make.data.url} onClose={onClose}>
          {t("people.resetOnce", { email: person.email })}
        </Once>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={classes.form}>
        <p>{t("people.resetText")}</p>
        {make.error && <Notice tone="bad">{make.error.message}</Notice>}
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button
            size="xs"
            loading={make.isPending}
            onClick={() => {
              make.mutate(person.id);
            }}
          >
            {t("people.makeLink")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function RoleSelect({ label, value, disabled, onChange }: { label: string; value: Role; disabled: boolean; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={value}
      disabled={disabled}
      data={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      onChange={(event) => {
        const role = roles.find((r) => r === event.currentTarget.value);
        if (role !== undefined) {
          onChange(role);
        }
      }}
    />
  );
}

function Invite({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const invite = useInvite();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  return (
    <Dialog title={t("people.invite")} onClose={onClose}>
      {invite.data?.url !== undefined ? (
        <Once text={invite.data.url} onClose={onClose}>
          {t("people.invited", { email: invite.data.email })}
        </Once>
      ) : (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            invite.mutate({ email: email.trim(), role });
          }}
        >
          <TextInput
            label={t("signIn.email")}
            type="email"
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
          <NativeSelect
            label={t("people.role")}
            description={t(`people.about.${role}`)}
            value={role}
            data={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))}
            onChange={(event) => {
              setRole(roles.find((r) => r === event.currentTarget.value) ?? "member");
            }}
          />
          {invite.error && <Notice tone="bad">{invite.error.message}</Notice>}
          <div className={classes.actions}>
            <Button variant="default" size="xs" onClick={onClose}>
              {t("action.cancel")}
            </Button>
            <Button type="submit" size="xs" loading={invite.isPending} disabled={email.trim() === ""}>
              {t("people.makeLink")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

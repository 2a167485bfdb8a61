"""A project of any size, as a company's might look: modules with choices, tables, verbs, functions and their documentation."""

from __future__ import annotations

from pathlib import Path

BASE = """# What all departments share.
import core;

choice Urgency < low = 1 "Low"; normal = 2 "Normal"; high = 3 "High" >

## Whom we do business with.
table partner "Partner" <
  number      text(20) required key;
  name        text(200) required;
  rating      decimal(5, 2);
  active      boolean required default true;
  parent      partner hierarchy;
  owner       owner required
>

## Tell somebody something about a partner.
action Inform on partner (to user | team, words text)
<
  perform Notify(to: to, text: "{partner.name}: {words}")
>
"""

MODULE = """# {Thing}s: asked for, agreed, carried out, invoiced.
# Written for the {thing} department.

import "base.act";

## How a {thing} is carried out.
choice {Thing}Kind < repair = 1 "Repair"; rental = 2 "Rental"; survey = 3 "Survey"; other = 9 >

## A {thing} that a partner has asked for.
table {thing} "{Thing}" <
  number        text(20) required key;
  title         text(200) required;
  kind          {Thing}Kind required default repair;
  urgency       Urgency required default normal;
  partner       partner required;
  ## What it is worth, before discounts.
  amount        money;
  discount      decimal(5, 2);
  asked_on      date required default today();
  due           date;
  finished_on   datetime;
  remark        text;
  status        < asked -> agreed, refused; agreed -> finished, refused; finished -> asked; refused >
  owner         owner required
>

## One position of a {thing}.
table {thing}_line "{Thing} line" <
  position      integer required;
  {thing}       {thing} required;
  text          text(400) required;
  quantity      decimal(12, 3) required default 1;
  price         money;
  done          boolean required default false;
  unique ({thing}, position)
>

## What a {thing} is worth after its discount; nothing when no amount is known.
function value_of_{thing}(of {thing}) returns (value decimal)
<
  return value: (of.amount otherwise 0) * (100 - (of.discount otherwise 0)) / 100
>

## How many lines of a {thing} are still to be done.
function open_lines_of_{thing}(of {thing}) returns (lines integer)
<
  return lines: count({thing}_line as line where line.{thing} = of and not line.done)
>

## Take up what a partner wants. The due date is two weeks off unless another one is given.
action Ask{Thing} on partner (title text(200), lines list of text, due date optional, urgency Urgency default normal)
  returns (made {thing})
  requires {thing}.ask
<
  require (partner.active) else "{{partner.name}} is not active any more.";
  require (trim(title) != "") else "A {thing} needs a title.";
  create {thing} as made set
    number  = "{PREFIX}-{{left(partner.number, 8)}}-{{count({thing} as other where other.partner = partner) + 1}}",
    title   = title,
    urgency = urgency,
    partner = partner,
    due     = due otherwise add_workdays(today(), 10),
    owner   = partner.owner;
  let first = 1 + count({thing}_line as line where line.{thing} = made);
  for each words in lines <
    create {thing}_line set
      position = first + count({thing}_line as line where line.{thing} = made),
      {thing} = made,
      text = words;
  >
  if (urgency = high or (partner.rating otherwise 0) > 4.5) <
    perform Inform(to: partner.owner, words: "Urgent {thing}: {{title}}") on partner
  >
  return made: made
>

## Agree to a {thing}: its lines get prices where they have none, and its amount is their sum.
action Agree{Thing} on {thing} (price money default 100)
  requires {thing}.agree
<
  require ({thing}.status = asked) else "Only a {thing} that was asked for can be agreed; {{{thing}.number}} is {{{thing}.status}}.";
  let lines = count({thing}_line as line where line.{thing} = {thing});
  require (lines > 0) else "The {thing} {{{thing}.number}} has no lines.";
  stage "Prices" <
    for each line in {thing}_line where (line.{thing} = {thing} and line.price is empty) order by line.position <
      update line set price = price;
    >
  >
  let total = sum((line.price otherwise 0) * line.quantity from {thing}_line as line where line.{thing} = {thing});
  if (total > 10_000) <
    update {thing} set amount = total, discount = 5;
  > else if (total > 1_000) <
    update {thing} set amount = total, discount = 2.5;
  > else <
    update {thing} set amount = total, discount = empty;
  >
  move {thing} to agreed;
  attempt <
    perform Inform(to: {thing}.owner, words: "Agreed: {{{thing}.title}}, {{text_of(total, 2)}}") on {thing}.partner
  > else <
    update {thing} set remark = "Nobody was told: {{failure.message}}";
  >
>

## Finish a {thing} whose lines are all done, or do them now.
action Finish{Thing} on {thing} (anyway boolean default false, remark text optional)
  returns (value decimal)
  requires {thing}.finish
<
  require ({thing}.status = agreed) else "Only an agreed {thing} can be finished.";
  let unfinished = open_lines_of_{thing}({thing});
  require (anyway or unfinished = 0) else "{{unfinished}} lines of {{{thing}.number}} are not done.";
  for each line in {thing}_line where (line.{thing} = {thing} and not line.done) <
    update line set done = true;
  >
  update {thing} set finished_on = now(), remark = remark;
  move {thing} to finished;
  find optional {thing} as newer where (newer.partner = {thing}.partner and newer.asked_on > {thing}.asked_on and newer.status = asked)
    order by newer.asked_on descending, newer.number;
  if (newer is not empty) <
    perform Agree{Thing}() on newer
  >
  return value: value_of_{thing}({thing})
>

## Refuse a {thing}. The reason is kept, and its lines go.
action Refuse{Thing} on {thing} (reason text(400))
  requires {thing}.refuse
<
  require ({thing}.status in (asked, agreed)) else "{{{thing}.number}} is {{{thing}.status}} and can not be refused.";
  require (trim(reason) != "") else "Say why the {thing} is refused.";
  update {thing} set remark = "Refused on {{today()}}: {{reason}}";
  move {thing} to refused;
  for each line in {thing}_line where (line.{thing} = {thing}) < delete line >
>

## Put off what is late by some days, at most 90 in all.
action PutOff{Thing} on each {thing} (days integer default 7, of partner optional)
  requires {thing}.put_off
<
  if (of is not empty) <
    if ({thing}.partner != of) < stop >
  >
  require (days > 0 and days <= 90) else "A {thing} is put off by 1 to 90 days.";
  let old = {thing}.due otherwise today();
  let put_off = add_workdays(old, days);
  if (days_between({thing}.asked_on, put_off) > 90) <
    fail "{{{thing}.number}} would be due on {{put_off}}, more than 90 days after it was asked for."
  >
  update {thing} set due = put_off;
>

## What a partner's {thing}s were worth in a year, and how many are late.
function {thing}s_of_year(of partner, year integer) returns (worth decimal)
<
  let first = make_date(year, 1, 1);
  let last = make_date(year, 12, 31);
  let all = sum(({thing}.amount otherwise 0) from {thing} where {thing}.partner = of and {thing}.asked_on >= first and {thing}.asked_on <= last);
  let late = count({thing} where {thing}.partner = of and ({thing}.due otherwise last) < today() and {thing}.status = agreed);
  return worth: all * (100 - minimum(late, 50)) / 100
>

## Give all that somebody has to somebody else.
action HandOver{Thing}s (from_whom user, to_whom user | team)
  requires {thing}.hand_over
<
  require (from_whom != to_whom) else "{{from_whom.name}} has them already.";
  for each mine in {thing} where (mine.owner = from_whom and mine.status in (asked, agreed)) order by mine.number limit 500 <
    assign mine to to_whom;
  >
>
"""

KINDS = ("order", "service", "contract", "visit", "delivery", "claim", "offer", "project", "licence", "inspection")


def sources(lines: int) -> dict[str, str]:
    """The project's scripts by file name, about as many lines in all."""
    found = {"base.act": BASE}
    count = BASE.count("\n")
    number = 0
    while count < lines:
        kind = KINDS[number % len(KINDS)] + (f"_{number // len(KINDS)}" if number >= len(KINDS) else "")
        camel = "".join(part.capitalize() for part in kind.split("_"))
        text = MODULE.format(thing=kind, Thing=camel, PREFIX=kind[:3].upper())
        found[f"{kind}s.act"] = text
        count += text.count("\n")
        number += 1
    return found


def write_project(folder: Path, lines: int) -> int:
    """Write the project into a folder; returns the bytes of its scripts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "actionlang.toml").write_text("")
    found = sources(lines)
    for name, text in found.items():
        (folder / name).write_text(text, "utf-8")
    return sum(len(text.encode()) for text in found.values())

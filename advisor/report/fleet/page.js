"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const PAGE = 100;

  // Text only ever becomes text: nothing that a host says is parsed as HTML.
  const make = (tag, text, ...classes) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (classes.length) node.classList.add(...classes.filter(Boolean));
    return node;
  };
  const add = (parent, ...children) => { parent.append(...children); return parent; };
  const number = (text) => Number(text.replaceAll(",", ""));
  const shown = (count) => count.toLocaleString("en-US");

  const section = (id, heading, note, entry = heading) => {
    const box = make("section");
    box.id = id;
    const head = add(make("div", undefined, "head"), make("h2", heading));
    const count = make("span", "", "count");
    if (note) head.append(make("p", note, "note"));
    main.append(add(box, head));
    const link = make("a", entry);
    link.href = `#${id}`;
    document.getElementById("nav").append(link);
    return { box, head, count };
  };

  // A table that is sorted by its headings and filtered by words, all of which have to be there.
  const table = (id, spec) => {
    const { box, head, count } = section(id, spec.heading, spec.note);
    const numeric = spec.columns.map((name) => name.endsWith("#"));
    const rows = spec.rows.map((cells, index) => {
      const rules = spec.rules ? spec.rules[index] : [];
      const names = rules.map((rule) => data.rules[rule]).join(" ");
      const found = [...cells, names].join("\n").toLowerCase();
      return { cells, index, mark: spec.marks[index] || "", found, rules, names };
    });
    let order = null, descending = false, limit = PAGE;
    const chosen = {};
    const filter = make("input");
    filter.type = "search";
    filter.placeholder = "filter by words";
    filter.setAttribute("aria-label", `Filter ${spec.heading}`);
    const chips = make("span");
    head.append(filter, chips, count);
    const grid = make("table"), titles = make("tr"), body = make("tbody");
    const more = make("button", "show more", "more");
    const headings = spec.columns.map((name, column) => {
      const cell = make("th", undefined, numeric[column] && "number");
      cell.scope = "col";
      const button = make("button", name.replace(/#$/, ""));
      button.addEventListener("click", () => {
        descending = order === column ? !descending : numeric[column];
        order = column;
        draw();
      });
      titles.append(add(cell, button));
      return cell;
    });
    const compare = (a, b) => {
      const [x, y] = [a.cells[order], b.cells[order]];
      const ranks = spec.ranks && order === spec.severity ? spec.ranks : null;
      const by = ranks ? ranks.indexOf(a.mark) - ranks.indexOf(b.mark)
        : numeric[order] ? number(x) - number(y) : x.localeCompare(y, "en", { numeric: true });
      return (descending ? -by : by) || a.index - b.index;
    };
    const draw = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const left = rows.filter((row) => words.every((word) => row.found.includes(word))
        && (chosen.group === undefined || row.cells[spec.group] === chosen.group)
        && (chosen.rule === undefined || row.rules.includes(chosen.rule)));
      if (order !== null) left.sort(compare);
      headings.forEach((cell, column) => cell.setAttribute("aria-sort",
        column !== order ? "none" : descending ? "descending" : "ascending"));
      body.replaceChildren(...left.slice(0, limit).map((row) => {
        const line = make("tr", undefined, row.mark);
        row.cells.forEach((cell, column) => {
          const one = make("td", cell, numeric[column] && "number",
            column === spec.severity && "severity", cell.length > 60 && "long");
          if (cell.length > 24) one.title = spec.columns[column] === "rules" ? row.names : cell;
          line.append(one);
        });
        return line;
      }));
      const total = left.length === rows.length ? "" : ` of ${shown(rows.length)}`;
      count.textContent = `${shown(left.length)}${total} row${rows.length === 1 ? "" : "s"}`;
      more.hidden = left.length <= limit;
      chips.replaceChildren(...Object.entries(chosen).filter(([, value]) => value !== undefined)
        .map(([key, value]) => {
          const chip = make("button",
            `${key} ${key === "rule" ? data.rules[value] : value}`, "chip");
          chip.addEventListener("click", () => { chosen[key] = undefined; draw(); });
          return chip;
        }));
    };
    filter.addEventListener("input", () => { limit = PAGE; draw(); });
    more.addEventListener("click", () => { limit += 10 * PAGE; draw(); });
    add(grid, add(make("thead"), titles), body);
    box.append(add(make("div", undefined, "scroll"), grid), more);
    draw();
    return (choice) => {
      Object.assign(chosen, { group: undefined, rule: undefined }, choice);
      filter.value = "";
      limit = PAGE;
      draw();
      box.scrollIntoView();
    };
  };

  const heat = (map, choose) => {
    const { box } = section("heat", "Rule × group",
      `Share of the group's hosts on which the rule fails, in per cent. Click to see the hosts.`
      + (map.note ? ` ${map.note}` : ""));
    box.classList.add("heat");
    const grid = make("table"), titles = add(make("tr"), make("th")), body = make("tbody");
    const names = map.groups.map(([name, hosts]) => {
      const button = make("button", name);
      button.title = `${name}: ${shown(hosts)} hosts`;
      button.addEventListener("click", () => choose({ group: name }));
      titles.append(add(make("th"), button));
      return name;
    });
    map.rules.forEach((rule, row) => {
      const line = make("tr");
      const button = make("button", data.rules[rule]);
      button.addEventListener("click", () => choose({ rule }));
      line.append(add(make("th"), button, make("span", data.titles[rule])));
      map.cells[row].forEach((hosts, column) => {
        const size = map.groups[column][1];
        const cell = make("td", hosts ? undefined : "·", !hosts && "zero");
        if (hosts) {
          const share = 100 * hosts / size;
          const text = share < 1 ? "<1" : hosts < size && share > 99 ? ">99" : share.toFixed(0);
          const open = make("button", text, share > 80 ? "hot" : share > 58 && "warm");
          open.style.setProperty("--v", (12 + 0.88 * share).toFixed(1));
          open.tabIndex = -1;
          open.title = `${data.rules[rule]} on ${shown(hosts)} of ${shown(size)} in ${names[column]}`;
          open.addEventListener("click", () => choose({ rule, group: names[column] }));
          cell.append(open);
        }
        line.append(cell);
      });
      body.append(line);
    });
    box.append(add(make("div", undefined, "scroll"), add(grid, add(make("thead"), titles), body)));
  };

  const list = (id, heading, lines) => {
    const { box } = section(id, heading);
    box.append(...lines.map((line) => make("p", line)));
  };

  document.getElementById("period").textContent = data.period;
  const bar = document.getElementById("bar"), tiles = document.getElementById("tiles");
  bar.setAttribute("aria-label",
    data.tiles.filter((each) => each.mark).map((each) => `${each.name}: ${each.count}`).join(", "));
  for (const { name, count, mark } of data.tiles) {
    if (mark && count) {
      const part = make("span", undefined, mark);
      part.style.setProperty("--n", count);
      part.title = `${name}: ${shown(count)}`;
      bar.append(part);
    }
    tiles.append(add(make("li", undefined, mark), make("b", shown(count)), name));
  }
  let choose = () => {};
  if (data.heat.rules.length) heat(data.heat, (choice) => choose(choice));
  data.tables.forEach((spec, index) => {
    const choice = table(`table-${index}`, spec);
    if (spec.rules) choose = choice;
  });
  list("input", "input", data.intake);
})();

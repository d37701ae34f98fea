// Whether anything is still under way in the shop, as its databases tell.

// What is, in words; '' when nothing is. Also when a database can't be asked.
export async function findUnsettled(suite) {
  try {
    return (await openSagas(suite)) || (await waitingEvents(suite)) || (await unconsumedEvents(suite)) || (await waitingMails(suite));
  } catch (error) {
    return `a database does not answer: ${String(error.stderr ?? error.message).trim()}`;
  }
}

async function openSagas(suite) {
  const [{ open }] = await suite.sql('order', `SELECT count(*)::int AS open FROM sagas WHERE phase <> 'SETTLED'`);
  return open > 0 ? `${open} sagas are not settled` : '';
}

async function waitingEvents(suite) {
  for (const producer of ['auth', 'catalog', 'order']) {
    const [{ waiting }] = await suite.sql(producer, `SELECT
      (SELECT count(*) FROM outbox WHERE sequence IS NULL) + (SELECT coalesce(sum(head - published), 0) FROM outbox_partitions) AS waiting`);
    if (waiting > 0) return `${waiting} events of ${producer} have not left`;
  }
  return '';
}

async function unconsumedEvents(suite) {
  const consumed = new Map();
  for (const { producer, partition, watermark } of await suite.sql('notification', 'SELECT producer, partition, watermark FROM event_partitions')) {
    consumed.set(`${producer} ${partition}`, watermark);
  }
  for (const producer of ['auth', 'order']) {
    for (const { partition, head } of await suite.sql(producer, 'SELECT partition, head FROM outbox_partitions')) {
      const watermark = consumed.get(`${producer} ${partition}`) ?? 0;
      if (watermark < head) return `notification is at ${watermark} of ${head} in ${producer}'s partition ${partition}`;
    }
  }
  return '';
}

async function waitingMails(suite) {
  const [{ due }] = await suite.sql('notification', `SELECT count(*)::int AS due FROM delivery WHERE state IN ('accepted', 'queued', 'sending')`);
  return due > 0 ? `${due} mails are due` : '';
}

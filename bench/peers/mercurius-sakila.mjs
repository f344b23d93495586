const FILM = `film_id as "filmId", title, description, rental_rate as "rentalRate", length, last_update as "lastUpdate"`;
const RENTAL = `rental_id as "rentalId", rental_date as "rentalDate", inventory_id as "inventoryId", customer_id as "customerId",
  return_date as "returnDate", staff_id as "staffId"`;
const PAYMENT = `payment_id as "paymentId", amount, payment_date as "paymentDate", customer_id as "customerId"`;

const schema = `
  type Film {
    filmId: Int! title: String! description: String rentalRate: String! length: Int lastUpdate: String!
    inventories(limit: Int!): [Inventory!]!
  }
  type Inventory { inventoryId: Int! storeId: Int! rentals(limit: Int!): [Rental!]! }
  type Rental { rentalId: Int! rentalDate: String! inventoryId: Int! customerId: Int! returnDate: String staffId: Int! }
  type Payment { paymentId: Int! amount: String! paymentDate: String! customerId: Int! }
  type Counted { count: Int! }
  type Query {
    film(filmId: Int!): Film
    films(limit: Int!): [Film!]!
    payments(least: String!, limit: Int!, offset: Int!): [Payment!]!
    rentalsCount(staff: Int!): Counted!
    rentals(limit: Int!): [Rental!]!
  }`;

export function api(prepared, batched) {
  const filmByKey = prepared(`select ${FILM} from film where film_id = $1`);
  const films = prepared(`select ${FILM} from film order by film_id limit $1`);
  const payments = prepared(
    `select ${PAYMENT} from payment where amount >= $1 order by payment_date desc, payment_id desc limit $2 offset $3`,
  );
  const rentalsCount = prepared(`select count(*)::int as count from rental where staff_id = $1`);
  const rentals = prepared(`select ${RENTAL} from rental order by rental_id limit $1`);
  const inventoriesOfFilms = prepared(
    `select parent, i.* from unnest($1::int[]) as parent cross join lateral (
       select inventory_id as "inventoryId", store_id as "storeId" from inventory where film_id = parent order by inventory_id limit $2) i`,
  );
  const rentalsOfInventories = prepared(
    `select parent, r.* from unnest($1::int[]) as parent cross join lateral (
       select ${RENTAL} from rental where inventory_id = parent order by rental_id limit $2) r`,
  );
  return {
    schema,
    resolvers: {
      Query: {
        film: async (_, { filmId }) => (await filmByKey([filmId]))[0] ?? null,
        films: (_, { limit }) => films([limit]),
        payments: (_, { least, limit, offset }) => payments([least, limit, offset]),
        rentalsCount: async (_, { staff }) => (await rentalsCount([staff]))[0],
        rentals: (_, { limit }) => rentals([limit]),
      },
    },
    loaders: {
      Film: { inventories: batched(inventoriesOfFilms, "filmId") },
      Inventory: { rentals: batched(rentalsOfInventories, "inventoryId") },
    },
  };
}

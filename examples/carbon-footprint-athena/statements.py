"""The article's statements, as they stand there but for the bucket's name."""

GAS_UTILIZATION = """CREATE EXTERNAL TABLE `gasutilization`(
  `fuel_id` int,
  `month` string,
  `year` int,
  `usage_therms` float,
  `usage_scf` float,
  `g-nr1_schedule_charge` float,
  `accountfee` float,
  `gas_ppps` float,
  `netcharge` float,
  `taxpercentage` float,
  `totalcharge` float)
ROW FORMAT DELIMITED
  FIELDS TERMINATED BY ','
STORED AS INPUTFORMAT
  'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://{bucket}/Scope 1 Sample Data/gasutilization'
TBLPROPERTIES (
  'classification'='csv',
  'skip.header.line.count'='1')"""

GAS_EMISSION_FACTOR = """CREATE EXTERNAL TABLE `gas_emission_factor`(
  `fuel_id` int,
  `gas_name` string,
  `emission_factor` float)
ROW FORMAT DELIMITED
  FIELDS TERMINATED BY ','
STORED AS INPUTFORMAT
  'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://{bucket}/Scope 1 Sample Data/gas_emission_factor'
TBLPROPERTIES (
  'classification'='csv',
  'skip.header.line.count'='1')"""

BILLS_OF_2020 = 'SELECT * FROM "gasutilization" where year = 2020;'

FOOTPRINT = """SELECT
  "gasutilization"."usage_scf" * "gas_emission_factor"."emission_factor" AS "estimated_CO2e_impact",
  "gasutilization"."month",
  "gasutilization"."year",
  "gasutilization"."totalcharge",
  "gasutilization"."usage_therms",
  "gasutilization"."usage_scf"
FROM
  "gasutilization"
JOIN "gas_emission_factor"
  on "gasutilization"."fuel_id"="gas_emission_factor"."fuel_id";"""

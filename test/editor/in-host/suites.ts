import './problems.test';
import './fixes.test';
import './server-crash.test';
import './arming.test';
import './session.test';

// Nothing on the home page needs this module, so it lies in the file of the other pages: to import it is to fetch them.
export const others = true;
